"""Holds JSON documents against a JSON Schema: the schema's file, then one document a line on stdin.

Prints each problem and ends with 1 if there is one. The schema itself has to be one.
"""
import json
import sys

import jsonschema

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
kind = jsonschema.validators.validator_for(schema)
kind.check_schema(schema)
validator = kind(schema)
problems = 0
for number, line in enumerate(sys.stdin, 1):
    for problem in validator.iter_errors(json.loads(line)):
        problems += 1
        print(f"line {number}: {problem.json_path}: {problem.message}"[:500])
sys.exit(1 if problems else 0)
