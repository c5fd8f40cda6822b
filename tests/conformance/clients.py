"""Reads a running portal with clients that others wrote, as their users would: ckanapi and sickle.

Called with the portal's address and an API key; prints one JSON object with what each client saw. Whatever a client cannot read is an
exception, and so a failed test.
"""

import json
import sys
from xml.etree import ElementTree

from ckanapi import NotFound, RemoteCKAN, ValidationError
from ckanapi.errors import CKANAPIError
from sickle import Sickle
from sickle.oaiexceptions import (
    BadArgument,
    BadResumptionToken,
    CannotDisseminateFormat,
    IdDoesNotExist,
    NoRecordsMatch,
)


def ckan(address, key):
    """The portal as a CKAN site: what harvesters and scripts ask."""
    site = RemoteCKAN(address, apikey=key, user_agent="conformance")
    action = site.action
    names = action.package_list()
    seen = {
        "status": action.status_show()["ckan_version"],
        "readable": action.site_read(),
        "names": names,
        "organizations": action.organization_list(),
        "groups": action.group_list(),
        "tags": action.tag_list(),
        "licenses": [licence["id"] for licence in action.license_list()],
        "titles": {name: action.package_show(id=name)["title"] for name in names},
        "datastore": {},
    }
    # As a stock harvester gathers: by id, a page at a time, what changed since a moment.
    gathered, start = [], 0
    while True:
        page = action.package_search(
            fq="metadata_modified:[2024-01-01T00:00:00Z TO *]", sort="id asc", rows=2, start=start
        )
        gathered += page["results"]
        start += 2
        if start >= page["count"]:
            break
    seen["gathered"] = sorted(package["name"] for package in gathered)
    seen["resources"] = sum(len(package["resources"]) for package in gathered)
    facets = action.package_search(rows=0, **{"facet.field": '["organization"]', "facet.limit": -1})
    seen["facets"] = facets["facets"]["organization"]
    for package in gathered:
        for resource in package["resources"]:
            assert action.resource_show(id=resource["id"])["package_id"] == package["id"]
            if resource["datastore_active"]:
                rows = action.datastore_search(resource_id=resource["id"], limit=2)
                seen["datastore"][package["name"]] = rows["total"]
        shown = action.organization_show(id=package["organization"]["id"])
        assert shown["name"] == package["organization"]["name"]
    refused = {}
    for name, ask, kind in [
        ("unknown", lambda: action.package_show(id="nothing"), NotFound),
        ("missing", lambda: action.package_show(), ValidationError),
        ("query", lambda: action.package_search(fq="(a"), CKANAPIError),
        ("writing", lambda: action.package_create(name="x"), CKANAPIError),
    ]:
        try:
            ask()
        except kind as error:
            refused[name] = type(error).__name__
    seen["refused"] = refused
    return seen


def oai(address, key):
    """The portal as an OAI-PMH repository."""
    server = Sickle(f"{address}/oai", headers={"X-Api-Key": key}, max_retries=0)
    identify = server.Identify()
    records = list(server.ListRecords(metadataPrefix="oai_dc"))
    published = [record for record in records if not record.deleted]
    seen = {
        "version": identify.protocolVersion,
        "deleted_record": identify.deletedRecord,
        "formats": [form.metadataPrefix for form in server.ListMetadataFormats()],
        "sets": [one.setSpec for one in server.ListSets()],
        "records": len(records),
        "deleted": len(records) - len(published),
        "titles": sorted({title for record in published for title in record.metadata["title"]}),
        "headers": sum(1 for _ in server.ListIdentifiers(metadataPrefix="dcat")),
        "whole": 0,
    }
    # Every form of every record is well-formed XML, and can be had alone.
    for prefix in seen["formats"]:
        for record in server.ListRecords(metadataPrefix=prefix):
            ElementTree.fromstring(record.raw)
            alone = server.GetRecord(metadataPrefix=prefix, identifier=record.header.identifier)
            assert alone.header.datestamp == record.header.datestamp
            assert alone.deleted == record.deleted
            seen["whole"] += 1
    for name in seen["sets"]:
        among = [record.header.setSpecs for record in server.ListRecords(metadataPrefix="oai_dc", set=name)]
        assert among and all(name in specs for specs in among), name
    since = max(record.header.datestamp for record in records)
    seen["since"] = sum(1 for _ in server.ListRecords(metadataPrefix="oai_dc", **{"from": since}))
    # The client knows no other verbs; what it would be told is read as it came.
    assert 'code="badVerb"' in server.harvest(verb="Nothing").raw
    refused = []
    for ask, kind in [
        (lambda: server.ListRecords(metadataPrefix="oai_dc", colour="red"), BadArgument),
        (lambda: server.ListRecords(metadataPrefix="marc21"), CannotDisseminateFormat),
        (lambda: server.ListRecords(resumptionToken="x"), BadResumptionToken),
        (lambda: server.ListRecords(metadataPrefix="oai_dc", until="2000-01-01"), NoRecordsMatch),
        (lambda: server.GetRecord(metadataPrefix="oai_dc", identifier="x"), IdDoesNotExist),
    ]:
        try:
            list(ask())
        except kind as error:
            refused.append(type(error).__name__)
    seen["refused"] = refused
    return seen


if __name__ == "__main__":
    where, api_key = sys.argv[1:3]
    print(json.dumps({"ckan": ckan(where, api_key), "oai": oai(where, api_key)}))
