"""Judges what was published by the validators that others wrote. One process for everything.

usage: validate.py SCHEMAS FOLDER

SCHEMAS is the folder of schemas within the test data. FOLDER holds what was published, by kind:

  *.ttl                 pages of a catalogue: DCAT-AP 3.0.1, by pyshacl, with the shapes that shapes.csv lists
  *.data.json           DCAT-US 1.1, by JSON schema (the one for bodies that are not federal)
  *.us3.json            DCAT-US 3.0, by JSON schema
  *.croissant.json      Croissant 1.0, by mlcroissant
  *.datapackage.json    Frictionless data packages, by frictionless
  *.rdf *.jsonld *.nt   read by rdflib, and compared with the Turtle of the same name: the same graph

Violations and warnings are counted by shape; what exceptions.csv allows is told apart. Prints one line for each fault, and a summary as the
last line; exits 1 when there was a fault.
"""

import collections
import csv
import json
import logging
import pathlib
import re
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
faults = 0
checked = collections.Counter()
allowed = collections.Counter()


def fault(text):
    global faults
    faults += 1
    if faults <= 200:
        print("FAULT", text)


def rows(name):
    with open(HERE / name, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


class Shapes:
    """Every set of shapes, read once, and what may be found against them."""

    def __init__(self, schemas):
        import rdflib

        self.sets = []
        for row in rows("shapes.csv"):
            graph = rdflib.Graph()
            for name in row["files"].split():
                graph.parse(schemas / name, format="turtle")
            # The ontologies that the shapes import lie elsewhere; nothing is fetched.
            graph.remove((None, rdflib.OWL.imports, None))
            # Two shapes of 3.0.1 name properties that the file does not hold.
            for shape, inner in list(graph.subject_objects(rdflib.SH.property)):
                if (inner, rdflib.SH.path, None) not in graph:
                    graph.remove((shape, rdflib.SH.property, inner))
            self.sets.append((row["shapes"], row["severity"].split(), graph))
        self.exceptions = rows("exceptions.csv")

    def judge(self, path, graph):
        import pyshacl
        from rdflib import RDF
        from rdflib.namespace import SH

        for name, severities, shapes in self.sets:
            conforms, report, _ = pyshacl.validate(
                graph, shacl_graph=shapes, inference="none", advanced=False, meta_shacl=False, do_owl_imports=False
            )
            checked["graphs by " + name] += 1
            if conforms:
                continue
            seen = collections.Counter()
            for result in report.subjects(RDF.type, SH.ValidationResult):
                severity = str(report.value(result, SH.resultSeverity)).split("#")[-1]
                if severity not in severities:
                    continue
                path_iri = str(report.value(result, SH.resultPath))
                component = str(report.value(result, SH.sourceConstraintComponent)).split("#")[-1]
                value = report.value(result, SH.value)
                focus = report.value(result, SH.focusNode)
                exception = self.exception(name, path_iri, component, value, graph)
                if exception:
                    allowed[exception] += 1
                    continue
                seen[(severity, path_iri, component)] += 1
                if seen[(severity, path_iri, component)] == 1:
                    fault(f"{path.name}: {name}: {severity} {component} at {path_iri}: {value!r} of {focus!r}")
            more = sum(count - 1 for count in seen.values())
            if more:
                fault(f"{path.name}: {name}: {more} more of these")

    def exception(self, shapes, path, component, value, graph):
        for row in self.exceptions:
            if row["shapes"] not in ("*", shapes) or row["component"] != component or row["path"] not in ("*", path):
                continue
            if row["when"] == "elsewhere" and (value, None, None) in graph and any(
                str(p).endswith("#type") for p in graph.predicates(value, None)
            ):
                continue
            return row["name"]
        return None


def judge_rdf(schemas, folder):
    import rdflib
    from rdflib.compare import isomorphic

    logging.getLogger("rdflib").setLevel(logging.ERROR)
    shapes = None
    for path in sorted(folder.glob("*.ttl")):
        shapes = shapes or Shapes(schemas)
        graph = rdflib.Graph()
        graph.parse(path, format="turtle")
        shapes.judge(path, graph)
        for ending, form in (("rdf", "xml"), ("jsonld", "json-ld"), ("nt", "nt")):
            other = path.with_suffix("." + ending)
            if other.exists():
                copy = rdflib.Graph()
                copy.parse(other, format=form)
                checked["graphs compared"] += 1
                if not isomorphic(graph, copy):
                    fault(f"{other.name}: not the graph of {path.name} ({len(copy)} and {len(graph)} triples)")


def bundle_us3(schemas):
    """The parts of the schema in one document.

    As published, every part refers to `#/definitions/…` of a whole that is never put together, `$id`s within properties move the base of these
    references away, and seven names are referred to but nowhere defined: they are taken as objects.
    """
    folder = schemas / "dcat-us-3" / "jsonschema"

    def bare(value):
        if isinstance(value, dict):
            return {key: bare(inner) for key, inner in value.items() if key not in ("$id", "$schema")}
        return [bare(inner) for inner in value] if isinstance(value, list) else value

    definitions = {path.stem: bare(json.loads(path.read_text())) for path in folder.glob("definitions/*.json")}
    for name in ("Resource", "LinguisticSystem", "Frequency", "Role", "Policy", "ChecksumAlgorithm", "ImageObject"):
        definitions.setdefault(name, {"type": "object"})
    return {"$schema": "http://json-schema.org/draft-07/schema#", "definitions": definitions, "$ref": "#/definitions/Catalog"}


def quick_iris(jsonschema):
    """The formats of draft 7, with IRIs told by their characters: jsonschema's own grammar takes seconds for each."""
    absolute = re.compile(r"""[A-Za-z][A-Za-z0-9+.-]*:(?:[^\s<>"{}|\\^`%\x00-\x20]|%[0-9A-Fa-f]{2})*""")
    checker = jsonschema.FormatChecker(formats=["date", "date-time"])
    checker.checks("iri")(lambda text: not isinstance(text, str) or absolute.fullmatch(text) is not None)
    return checker


def judge_json(schemas, folder):
    import jsonschema

    legacy, third = None, None
    for path in sorted(folder.glob("*.data.json")):
        if legacy is None:
            whole = json.loads((schemas / "dcat-us-1.1" / "catalog.json").read_text())
            one = json.loads((schemas / "dcat-us-1.1" / "non-federal_dataset.json").read_text())
            # The records are judged one by one: the catalogue's reference to their schema leads nowhere.
            whole["properties"].pop("dataset")
            whole["required"].remove("dataset")
            checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
            legacy = (
                jsonschema.Draft202012Validator(whole, format_checker=checker),
                jsonschema.Draft202012Validator(one, format_checker=checker),
            )
        document = json.loads(path.read_text())
        tell(path, legacy[0].iter_errors({k: v for k, v in document.items() if k != "dataset"}))
        if not isinstance(document.get("dataset"), list):
            fault(f"{path.name}: dataset is not a list")
            continue
        for dataset in document["dataset"]:
            checked["datasets by DCAT-US 1.1"] += 1
            tell(path, legacy[1].iter_errors(dataset))
    for path in sorted(folder.glob("*.us3.json")):
        if third is None:
            checker = quick_iris(jsonschema)
            third = jsonschema.Draft7Validator(bundle_us3(schemas), format_checker=checker)
        document = json.loads(path.read_text())
        checked["datasets by DCAT-US 3.0"] += len(document.get("dataset", []))
        tell(path, third.iter_errors(document))


def tell(path, errors):
    for count, error in enumerate(errors):
        if count == 5:
            fault(f"{path.name}: more of these")
            break
        deepest = error
        while deepest.context:
            deepest = max(deepest.context, key=lambda inner: len(inner.absolute_path))
        place = "/".join(str(part) for part in deepest.absolute_path)
        fault(f"{path.name}: /{place}: {deepest.message[:300]}")


def judge_croissant(folder):
    paths = sorted(folder.glob("*.croissant.json"))
    if not paths:
        return
    import mlcroissant

    for path in paths:
        checked["Croissant descriptions"] += 1
        try:
            dataset = mlcroissant.Dataset(str(path))
        except Exception as error:  # a validator's refusals have no common class
            fault(f"{path.name}: {str(error)[:2000]}")
            continue
        issues = dataset.metadata.ctx.issues
        for text in sorted(issues.errors):
            fault(f"{path.name}: {text[:500]}")
        # Recommended and not known: a licence that no source names, for example.
        checked["Croissant recommendations not met"] += len(issues.warnings)


def judge_packages(folder):
    paths = sorted(folder.glob("*.datapackage.json"))
    if not paths:
        return
    import frictionless

    frictionless.system.trusted = True
    for path in paths:
        checked["data packages"] += 1
        try:
            descriptor = json.loads(path.read_text())
            errors = list(frictionless.Package.metadata_validate(descriptor))
        except Exception as error:
            fault(f"{path.name}: {error}")
            continue
        for error in errors:
            fault(f"{path.name}: {error.note}")


def main():
    schemas, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    started = time.monotonic()
    judge_json(schemas, folder)
    judge_packages(folder)
    judge_croissant(folder)
    judge_rdf(schemas, folder)
    summary = {
        "faults": faults,
        "checked": dict(checked),
        "allowed": dict(allowed),
        "seconds": round(time.monotonic() - started, 1),
    }
    print(json.dumps(summary))
    sys.exit(1 if faults else 0)


main()
