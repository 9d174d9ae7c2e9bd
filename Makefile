# Every recipe is one line that calls a script or a program: without make, type that line yourself.
.PHONY: help run test lint fix lock vendor migrate bench verify
DEV = .venv-dev/bin

help: ## explain the targets
	@grep -hE '^[a-z]+: .*## ' Makefile | sed 's/:.*## /\t/' | expand -t 10
run: ## the whole product on 127.0.0.1; PORT=8000 and DATA=var/data choose port and data folder
	@sh tools/run.sh
test: ## everything that must hold: lint, types, contracts, all tests; T=path runs only that path
	@sh tools/test.sh
lint: ## look for faults of style, types and imports
	@$(DEV)/ruff check . && $(DEV)/ruff format --check . && $(DEV)/mypy && $(DEV)/lint-imports
fix: ## mend what the linter can mend by itself
	@$(DEV)/ruff check --fix . && $(DEV)/ruff format .
lock: ## pin the packages of pyproject.toml again, with hashes
	@sh tools/lock.sh
vendor: ## fetch the vendored web files again and compare them with what is recorded
	@$(DEV)/python tools/vendor.py
migrate: ## bring the database to the newest schema
	@.venv/bin/python -m market migrate
bench: ## time the main pages on both databases
	@$(DEV)/python bench/pages.py
verify: ## recompute a draw from its bundle: make verify f=bundle.zip
	@$(DEV)/python -m lottery.verify $(f)
