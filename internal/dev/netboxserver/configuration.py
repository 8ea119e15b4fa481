"""NetBox's configuration for a test run. What differs between runs comes from the environment.

The keys below are no secrets: they protect a NetBox that lives on loopback for
the length of one test run.
"""

import os

_run = os.environ['NETBOX_TEST_RUN']

ALLOWED_HOSTS = ['127.0.0.1', 'localhost']
DATABASES = {
    'default': {
        'ENGINE': 'django.db.backends.postgresql',
        'NAME': 'netbox',
        'USER': 'netbox',
        'HOST': f'{_run}/postgres',
        'CONN_MAX_AGE': 300,
    }
}
REDIS = {
    'tasks': {'URL': f'unix://{_run}/redis.sock?db=0', 'DATABASE': 0},
    'caching': {'URL': f'unix://{_run}/redis.sock?db=1', 'DATABASE': 1},
}
SECRET_KEY = 'netbox-acceptance-tests-on-loopback-only-this-is-no-secret'
API_TOKEN_PEPPERS = {1: 'netbox-acceptance-tests-on-loopback-only-this-is-no-pepper'}
DEBUG = False
TIME_ZONE = os.environ.get('NETBOX_TEST_TIME_ZONE', 'UTC')
MAX_PAGE_SIZE = int(os.environ.get('NETBOX_TEST_MAX_PAGE_SIZE', '1000'))

# Don't send anything to NetBox's census.
CENSUS_REPORTING_ENABLED = False
ISOLATED_DEPLOYMENT = True
RELEASE_CHECK_URL = None

PLUGINS = os.environ.get('NETBOX_TEST_PLUGINS', '').split()
PLUGINS_CONFIG = {
    'netbox_hedgehog': {
        'display_url': os.environ.get('NETBOX_TEST_DISPLAY_URL', 'published'),
        'object_filter': os.environ.get('NETBOX_TEST_OBJECT_FILTER', 'none'),
    },
}

# NetBox Branching gives each branch its own schema.
if 'netbox_branching' in PLUGINS:
    from netbox_branching.utilities import DynamicSchemaDict

    DATABASES = DynamicSchemaDict(DATABASES)
    DATABASE_ROUTERS = ['netbox_branching.database.BranchAwareRouter']
