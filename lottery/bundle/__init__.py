"""Proof bundles: everything needed to verify one draw, in one zip file."""

from lottery.bundle.build import BundleParts, Proofs, build_bundle, bundle_files
from lottery.bundle.container import pack, read_path, unpack
from lottery.bundle.contents import BeaconFile, write_manifest

__all__ = [
    "BeaconFile",
    "BundleParts",
    "Proofs",
    "build_bundle",
    "bundle_files",
    "pack",
    "read_path",
    "unpack",
    "write_manifest",
]
