"""Demo data: people, agencies and offers that exist nowhere else; every name says 演示."""
