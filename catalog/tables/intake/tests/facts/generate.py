#!/usr/bin/env python3
"""What independent readers make of the test data: files, tables, rows and types, written to tabular.json beside this file.

A tool for people, not run by the tests. It needs Python 3.11 with:
    pip install pandas duckdb openpyxl xlrd odfpy pyarrow pyshp charset-normalizer
    python generate.py ../../../../../../shared/data

None of the readers shares code with ours: duckdb (else pandas) for delimited text, openpyxl, xlrd and odfpy for workbooks,
pyarrow for Parquet, pyshp for shapefiles, Python's json for JSON. Types are those of the whole column: integer, decimal,
boolean, date, timestamp, text, geometry; `null` for a column without a value, which may be of any type.
"""

import datetime
import gzip
import io
import json
import sys
import tempfile
import warnings
import zipfile
from pathlib import Path

import duckdb
import openpyxl
import pandas
import pyarrow
import pyarrow.parquet
import pyarrow.types
import shapefile
import xlrd
from charset_normalizer import from_bytes
from odf import opendocument, table as odf_table, teletype

warnings.filterwarnings("ignore")
TEXT = {".csv", ".tsv", ".csvm", ".txt", ""}


class Refused(Exception):
    """Why a file is no table: empty, not-tabular, protected, broken."""


def kind_of_values(values):
    kinds = set()
    for value in values:
        if value is None or value == "":
            continue
        if isinstance(value, bool):
            kinds.add("boolean")
        elif isinstance(value, int):
            kinds.add("integer")
        elif isinstance(value, float):
            kinds.add("integer" if value.is_integer() else "decimal")
        elif isinstance(value, datetime.datetime):
            kinds.add("date" if value.time() == datetime.time(0) else "timestamp")
        elif isinstance(value, datetime.date):
            kinds.add("date")
        else:
            kinds.add("text")
    if not kinds:
        return "null"
    if len(kinds) == 1:
        return kinds.pop()
    if kinds == {"integer", "decimal"}:
        return "decimal"
    if kinds == {"date", "timestamp"}:
        return "timestamp"
    return "text"


def table_of_rows(name, rows):
    """A sheet: the first row that holds something is the header; rows without a value do not count."""
    rows = [row for row in rows if any(value not in (None, "") for value in row)]
    if not rows:
        return None
    body = rows[1:]
    width = max(len(row) for row in rows)
    used = [c for c in range(width) if any(c < len(row) and row[c] not in (None, "") for row in rows)]
    first, last = min(used), max(used)
    types = [kind_of_values(row[c] if c < len(row) else None for row in body) for c in range(first, last + 1)]
    return {"name": name, "rows": len(body), "types": types}


def read_xlsx(path):
    try:
        book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()), data_only=True)
    except zipfile.BadZipFile:
        with open(path, "rb") as file:
            raise Refused("protected" if file.read(4) == b"\xd0\xcf\x11\xe0" else "broken")
    tables = []
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        rows = []
        for row in sheet.iter_rows():
            rows.append([None if cell.data_type == "e" else plain(cell.value) for cell in row])
        tables.append(table_of_rows(sheet.title, rows))
    return [found for found in tables if found]


def plain(value):
    if isinstance(value, datetime.time) or isinstance(value, datetime.timedelta):
        return str(value)
    return value


def read_xls(path):
    book = xlrd.open_workbook(path, formatting_info=False)
    tables = []
    for sheet in book.sheets():
        if sheet.visibility:
            continue
        rows = []
        for r in range(sheet.nrows):
            row = []
            for cell in sheet.row(r):
                value = cell.value
                if cell.ctype == xlrd.XL_CELL_DATE:
                    try:
                        value = xlrd.xldate_as_datetime(value, book.datemode) if value >= 1 else str(value)
                    except Exception:
                        pass
                elif cell.ctype == xlrd.XL_CELL_BOOLEAN:
                    value = bool(value)
                elif cell.ctype in (xlrd.XL_CELL_ERROR, xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
                    value = None
                row.append(value)
            rows.append(row)
        tables.append(table_of_rows(sheet.name, rows))
    return [found for found in tables if found]


def read_ods(path):
    try:
        with zipfile.ZipFile(path) as archive:
            if b"encryption-data" in archive.read("META-INF/manifest.xml"):
                raise Refused("protected")
        book = opendocument.load(str(path))
    except Refused:
        raise
    except Exception as error:
        raise Refused("broken") from error
    tables = []
    for sheet in book.spreadsheet.getElementsByType(odf_table.Table):
        rows = []
        for element in sheet.getElementsByType(odf_table.TableRow):
            row = []
            for cell in element.childNodes:
                if cell.qname[1] not in ("table-cell", "covered-table-cell"):
                    continue
                repeat = int(cell.getAttribute("numbercolumnsrepeated") or 1)
                row.extend([ods_value(cell)] * min(repeat, 20000))
            while row and row[-1] in (None, ""):
                row.pop()
            repeat = int(element.getAttribute("numberrowsrepeated") or 1)
            if row:
                if repeat * len(row) > 10_000_000:
                    raise Refused("too-large")
                rows.extend([row] * repeat)
        tables.append(table_of_rows(sheet.getAttribute("name"), rows))
    return [found for found in tables if found]


def ods_value(cell):
    kind = cell.getAttribute("valuetype")
    if kind in ("float", "percentage", "currency"):
        return float(cell.getAttribute("value"))
    if kind == "date":
        return datetime.datetime.fromisoformat(cell.getAttribute("datevalue"))
    if kind == "boolean":
        return cell.getAttribute("booleanvalue") == "true"
    if kind == "time":
        return cell.getAttribute("timevalue")
    if kind == "string":
        return cell.getAttribute("stringvalue") or teletype.extractText(cell)
    return None


def arrow_kind(kind):
    t = pyarrow.types
    if t.is_dictionary(kind):
        return arrow_kind(kind.value_type)
    if t.is_integer(kind):
        return "integer"
    if t.is_floating(kind):
        return "decimal"
    if t.is_decimal(kind):
        return "decimal" if kind.scale > 0 else "integer"
    if t.is_boolean(kind):
        return "boolean"
    if t.is_date(kind):
        return "date"
    if t.is_timestamp(kind):
        return "timestamp"
    return "null" if t.is_null(kind) else "text"


def arrow_columns(kind, depth=1):
    if pyarrow.types.is_struct(kind) and depth < 4 and kind.num_fields:
        return [column for member in kind for column in arrow_columns(member.type, depth + 1)]
    return [arrow_kind(kind)]


def read_parquet(path):
    try:
        found = pyarrow.parquet.read_table(path, page_checksum_verification=True)
    except Exception as error:
        raise Refused("broken") from error
    types = []
    for column in found.columns:
        kinds = arrow_columns(column.type)
        types += ["null"] if len(kinds) == 1 and column.null_count == len(column) else kinds
    return [{"name": Path(path).stem, "rows": found.num_rows, "types": types}]


def read_geojson(path):
    features = json.loads(Path(path).read_bytes())["features"]
    columns = {}
    for feature in features:
        for name, value in feature["properties"].items():
            value = json.dumps(value) if isinstance(value, (list, dict)) else value
            columns.setdefault(name, []).append(value)
    types = [kind_of_values(values) for values in columns.values()] + ["geometry"]
    return [{"name": Path(path).stem, "rows": len(features), "types": types}]


def read_json(path, by_line):
    text = Path(path).read_text()
    rows = [json.loads(line) for line in text.splitlines() if line.strip()] if by_line else json.loads(text)
    if isinstance(rows[0], list):
        return [table_of_rows(Path(path).stem, rows)]
    names = list(dict.fromkeys(name for row in rows for name in row))
    types = [kind_of_values(row.get(name) for row in rows) for name in names]
    return [{"name": Path(path).stem, "rows": len(rows), "types": types}]


def read_shapefile(path):
    try:
        if path.suffix.lower() == ".dbf":
            with path.open("rb") as file, shapefile.Reader(dbf=file) as layer:
                fields = [field for field in layer.fields if field[0] != "DeletionFlag"]
                rows = layer.records()
                types = [kind_of_values(row[c] for row in rows) for c in range(len(fields))]
                return [{"name": path.stem, "rows": len(rows), "types": types}]
        with shapefile.Reader(str(path)) as layer:
            rows = layer.shapeRecords()
            fields = [field for field in layer.fields if field[0] != "DeletionFlag"]
            types = [kind_of_values(row.record[c] for row in rows) for c in range(len(fields))]
            return [{"name": Path(path).stem, "rows": len(rows), "types": types + ["geometry"]}]
    except Exception as error:
        raise Refused("broken") from error


DUCK = {
    "BIGINT": "integer", "INTEGER": "integer", "HUGEINT": "integer", "DOUBLE": "decimal", "BOOLEAN": "boolean",
    "DATE": "date", "TIMESTAMP": "timestamp", "TIMESTAMP WITH TIME ZONE": "timestamp", "VARCHAR": "text", "TIME": "text",
}


def read_text(path):
    raw = Path(path).read_bytes()
    if not raw.strip():
        raise Refused("empty")
    best = from_bytes(raw).best()
    if best is None:
        raise Refused("not-tabular")
    name = Path(path).stem
    with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="", encoding="utf-8") as copy:
        copy.write(str(best).removeprefix("\ufeff"))
        copy.flush()
        try:
            found = duckdb.connect().sql(f"select * from read_csv('{copy.name}', sample_size=-1)")
            types = []
            for column, kind in zip(found.columns, found.types):
                quoted = '"' + column.replace('"', '""') + '"'
                empty = found.aggregate(f"count({quoted})").fetchone()[0] == 0
                types.append("null" if empty else DUCK.get(str(kind), "text"))
            return "duckdb", [{"name": name, "rows": found.aggregate("count(*)").fetchone()[0], "types": types}]
        except Exception:
            pass
        try:
            frame = pandas.read_csv(copy.name, sep=None, engine="python", on_bad_lines="skip")
        except Exception as error:
            raise Refused("not-tabular") from error
    kinds = {"i": "integer", "u": "integer", "f": "decimal", "b": "boolean", "M": "timestamp"}
    types = ["null" if frame[c].isna().all() else kinds.get(frame[c].dtype.kind, "text") for c in frame.columns]
    return "pandas", [{"name": name, "rows": len(frame), "types": types}]


def read_zip(path, depth=0):
    tables, readers = [], []
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)
            members = [Path(folder) / name for name in archive.namelist()]
        for member in (path for path in members if path.is_file()):
            if member.suffix in (".shx", ".prj", ".cpg", ".dbf", ".sbn", ".sbx", ".xml", ".qpj") and member.with_suffix(".shp").exists():
                continue
            if member.name in ("datapackage.json", "dataresource.json") or member.suffix.lower() in (".md", ".pdf", ".html"):
                continue
            if member.name.startswith(".") or "__MACOSX" in member.parts:
                continue
            try:
                reader, found = read(member)
            except Refused:
                continue
            readers.append(reader)
            tables += found
    if not tables:
        raise Refused("not-tabular")
    return "+".join(dict.fromkeys(readers)), tables


def read(path):
    ending = path.suffix.lower()
    if path.stat().st_size == 0:
        raise Refused("empty")
    with path.open("rb") as file:
        packed = file.read(4) == b"PK\x03\x04"
    if ending == ".xls" and packed:
        with zipfile.ZipFile(path) as archive:
            ending = ".ods" if "content.xml" in archive.namelist() else ".xlsx"
    if ending == ".gz":
        with tempfile.TemporaryDirectory() as folder:
            inner = Path(folder) / path.stem
            inner.write_bytes(gzip.decompress(path.read_bytes()))
            return read(inner)
    if ending == ".zip":
        return read_zip(path)
    if ending in (".xlsx", ".xlsm"):
        return "openpyxl", read_xlsx(path)
    if ending == ".xls":
        try:
            return "xlrd", read_xls(path)
        except Exception as error:
            raise Refused("broken") from error
    if ending == ".ods":
        return "odfpy", read_ods(path)
    if ending == ".parquet":
        return "pyarrow", read_parquet(path)
    if ending == ".geojson":
        return "json", read_geojson(path)
    if ending in (".ndjson", ".jsonl"):
        return "json", read_json(path, True)
    if ending == ".json":
        return "json", read_json(path, False)
    if ending in (".shp", ".dbf"):
        return "pyshp", read_shapefile(path)
    if ending in TEXT:
        return read_text(path)
    raise Refused("not-tabular")


def main(data):
    facts = []
    files = [p for p in (data / "tabular").rglob("*") if p.is_file()]
    files += [p for p in (data / "harvest").glob("agency-*/**/*") if p.suffix.lower() in (".csv", ".zip")]
    for path in sorted(files):
        fact = {"file": str(path.relative_to(data))}
        try:
            reader, tables = read(path)
            fact |= {"reader": reader, "tables": tables} if tables else {"refused": "empty"}
        except Refused as refused:
            fact["refused"] = str(refused)
        except Exception as error:
            fact["refused"] = f"the reader failed: {type(error).__name__}"
        facts.append(fact)
        print(fact["file"], fact.get("refused", ""), file=sys.stderr)
    lines = ",\n".join(json.dumps(fact, ensure_ascii=False) for fact in facts)
    Path(__file__).with_name("tabular.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
