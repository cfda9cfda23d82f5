"""What docs/graphql.md shows can be copied: its request is JSON, and its document is one of the graph."""

import json
import re
import subprocess
from pathlib import Path

from graphql import build_schema, parse, validate

from apps.describing import graphql_schema
from apps.places import SERVICES

PAGE = (Path(__file__).parents[2] / "docs" / "graphql.md").read_text(encoding="utf-8")
CURL = "curl() { cat; }; "
"""Shows what it is given, but for the line breaks, which `-d @-` leaves out."""


def test_the_request_is_one_that_can_be_asked():
    (shown,) = re.findall(r"^```sh\n(curl .* -d @- .*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    sent = subprocess.check_output(["sh", "-c", CURL + shown], text=True).replace("\n", "")
    schema = build_schema(graphql_schema(SERVICES), assume_valid=True)
    assert validate(schema, parse(json.loads(sent)["query"])) == []
