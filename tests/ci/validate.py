"""Holds JSON documents against a JSON Schema: the schema's file, then one document a line on stdin.

Prints each problem and ends with 1 if there is one. The schema itself has to be one, and a keyword in it that
nobody holds a document against is a problem, too: such as one with a typing error.
"""
import json
import sys

import jsonschema

# What is said to people and editors.
TOLD = {"$comment", "$defs", "$id", "$schema", "default", "definitions", "deprecated", "description", "examples",
        "format", "id", "markdownDescription", "readOnly", "title", "writeOnly"}
# Keywords of one schema, of a list of them, of some by their names.
ONE = ("additionalItems", "additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then")
SEVERAL = ("allOf", "anyOf", "items", "oneOf", "prefixItems")
NAMED = ("$defs", "definitions", "dependentSchemas", "patternProperties", "properties")


def passed_over(schema, known, path="#"):
    """The paths of keywords that nobody knows."""
    if not isinstance(schema, dict):
        return
    for keyword, value in schema.items():
        here = f"{path}/{keyword}"
        if keyword not in known:
            yield here
        if keyword in NAMED and isinstance(value, dict):
            for name, part in value.items():
                yield from passed_over(part, known, f"{here}/{name}")
        elif keyword in SEVERAL and isinstance(value, list):
            for part in value:
                yield from passed_over(part, known, here)
        elif keyword in ONE:
            yield from passed_over(value, known, here)


with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
kind = jsonschema.validators.validator_for(schema)
kind.check_schema(schema)
validator = kind(schema)
problems = 0
for path in passed_over(schema, TOLD | {*kind.VALIDATORS, "if", "then", "else"}):
    problems += 1
    print(f"schema: nobody knows the keyword {path}")
for number, line in enumerate(sys.stdin, 1):
    for problem in validator.iter_errors(json.loads(line)):
        problems += 1
        print(f"line {number}: {problem.json_path}: {problem.message}"[:500])
sys.exit(1 if problems else 0)
