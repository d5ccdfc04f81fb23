"""Feature views and training datasets (`hsfs.core.feature_view_api`): kept as sent; what is answered is the query to run"""
import copy

from fastapi import APIRouter, Request


def flagged(view: dict, groups: dict) -> list[dict]:
    "`features` of the answer (`hsfs.training_dataset_feature`): where each comes from, and which are labels"
    labels = {f['name'] for f in view.get('features') or [] if f.get('label')}
    q, out = view['query'], []
    for i, (part, prefix) in enumerate([(q, '')] + [(j['query'], j.get('prefix') or '') for j in q.get('joins') or []]):
        group = groups[part['leftFeatureGroup']['id']]
        kinds = {f['name']: f['type'] for f in group['features']}
        out += [{'name': prefix + f['name'], 'type': kinds[f['name']], 'featureGroupFeatureName': f['name'], 'featuregroup': group,
                 'label': not i and f['name'] in labels} for f in part['leftFeatures']]
    return [f | {'index': i} for i, f in enumerate(out)]


def routes(groups: dict, Missing) -> APIRouter:
    api, views, sets = APIRouter(), {}, {}

    def of(name: str, version: int) -> dict:
        if (name, version) not in views: raise Missing(270181, f'no feature view {name} {version}')
        return views[name, version]

    @api.post('/1/featureview')
    async def create(request: Request):
        view = await request.json()
        view['version'] = view.get('version') or 1 + max((v for n, v in views if n == view['name']), default=0)
        for part in (view['query'], *(j['query'] for j in view['query'].get('joins') or [])):
            part['leftFeatureGroup'] = groups[part['leftFeatureGroup']['id']]
        keys = [{'featureName': f['name'], 'joinIndex': 0, 'featureGroup': view['query']['leftFeatureGroup'], 'required': True, 'prefix': ''}
                for f in view['query']['leftFeatureGroup']['features'] if f.get('primary')]
        view |= {'id': len(views) + 1, 'featurestoreId': 1, 'featurestoreName': 'museum_featurestore', 'created': '2026-01-01T00:00:00Z',
                 'features': flagged(view, groups), 'servingKeys': keys, 'transformationFunctions': []}
        views[view['name'], view['version']] = view
        return view

    @api.get('/1/featureview/{name}/version/{version}')
    def get(name: str, version: int): return of(name, version)

    @api.get('/1/featureview/{name}')
    def all_versions(name: str): return {'items': [v for (n, _), v in views.items() if n == name]}

    @api.get('/1/featureview/{name}/version/{version}/query/batch')
    def batch(name: str, version: int, with_label: bool = False, start_time: int | None = None, end_time: int | None = None):
        "Without labels unless asked; between two moments by the clock of the first group, the end left out"
        view = of(name, version)
        query, group = copy.deepcopy(view['query']), view['query']['leftFeatureGroup']
        if not with_label:
            labels = {f['name'] for f in view['features'] if f['label']}
            query['leftFeatures'] = [f for f in query['leftFeatures'] if f['name'] not in labels]
        clock = {'name': group.get('eventTime'), 'type': 'timestamp', 'featureGroupId': group['id']}
        for word, at in (('GREATER_THAN_OR_EQUAL', start_time), ('LESS_THAN', end_time)):
            if at is None: continue
            cut = {'feature': clock, 'condition': word, 'value': str(at)}
            single = {'type': 'SINGLE', 'leftFilter': cut, 'rightFilter': None, 'leftLogic': None, 'rightLogic': None}
            query['filter'] = single if not query.get('filter') else {'type': 'AND', 'leftFilter': None, 'rightFilter': None,
                                                                      'leftLogic': query['filter'], 'rightLogic': single}
        return query

    @api.get('/1/featureview/{name}/version/{version}/transformation/functions')
    def no_transformations(name: str, version: int): return {'count': 0, 'items': []}

    @api.post('/1/featureview/{name}/version/{version}/trainingdatasets')
    async def training(name: str, version: int, request: Request):
        made = await request.json()
        made['version'] = made.get('version') or 1 + max((v for n, fv, v in sets if (n, fv) == (name, version)), default=0)
        sets[name, version, made['version']] = made | {'id': len(sets) + 1, 'featurestoreId': 1, 'created': 0}
        return sets[name, version, made['version']]

    @api.get('/1/featureview/{name}/version/{version}/trainingdatasets/version/{n}')
    def a_training(name: str, version: int, n: int): return sets[name, version, n]
    return api
