"""Feature groups (`hsfs.core.feature_group_api`): metadata here; rows are Delta tables that the SDK itself writes on local disk

A group's connector says S3 and its `location` is a path: then the SDK writes with delta-rs where it is told, without HopsFS.
"""
import itertools
import json
from pathlib import Path

from fastapi import APIRouter, Request

STORE = {'featurestoreId': 1, 'featurestoreName': 'museum_featurestore', 'created': '2026-01-01T00:00:00Z', 'projectName': 'museum',
         'projectId': 1, 'offlineFeaturestoreName': 'museum_featurestore', 'onlineEnabled': False}
CONNECTOR = {'id': 1, 'name': 'disk', 'featurestoreId': 1, 'storageConnectorType': 'S3', 'bucket': 'disk', 'path': ''}


def routes(disk: Path, Missing) -> APIRouter:
    api, groups, ids = APIRouter(), {}, itertools.count(1)

    @api.get('/{name}')
    def store(name: str):
        if name not in ('museum', 'museum_featurestore'): raise Missing(270009, f'no feature store {name}')
        return STORE

    @api.get('/1/featuregroups/{name}')
    def get(name: str, version: int | None = None):
        found = [g for g in groups.values() if g['name'] == name and version in (None, g['version'])]
        if not found: raise Missing(270009, f'no feature group {name} {version}')
        return found

    @api.post('/1/featuregroups')
    async def create(request: Request):
        group = await request.json()
        n = next(ids)
        group |= {'id': n, 'featurestoreName': STORE['featurestoreName'], 'featurestoreId': 1, 'created': STORE['created'], 'location': str(disk/f"{group['name']}_{group['version']}"),
                  'dataSource': {'storageConnector': CONNECTOR}, 'timeTravelFormat': 'DELTA'}
        groups[n] = group
        return group

    @api.put('/1/featuregroups/{n}')
    async def update(n: int, request: Request):
        groups[n] |= {k: v for k, v in (await request.json()).items() if k in ('features', 'description')}
        return groups[n]

    @api.delete('/1/featuregroups/{n}', status_code=204)
    def delete(n: int): groups.pop(n)

    @api.post('/1/featuregroups/{n}/commits')
    async def commit(n: int, request: Request): return await request.json()

    @api.put('/1/query')
    async def query(request: Request):
        "`hsfs.core.query_constructor_api`: what we answer as `hqsPayload` the SDK hands on to the query service as it is"
        asked = await request.json()
        return {'query': '', 'queryOnline': '', 'hqsPayload': json.dumps(with_locations(asked)), 'hqsPayloadSignature': 'signed'}

    def with_locations(q):
        "The query, told where its tables are"
        group = groups[q['leftFeatureGroup']['id']]
        q['location'], q['eventTime'] = group['location'], group.get('eventTime')
        for join in q.get('joins') or []: with_locations(join['query'])
        return q
    return api
