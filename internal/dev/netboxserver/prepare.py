"""Brings a migrated NetBox to the state the tests start from: the plugin's tables, users, tokens, tags, custom fields."""

import os

import django

os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'netbox.settings')
django.setup()

from django.core.management import call_command  # noqa: E402

call_command('migrate', interactive=False)

from django.contrib.contenttypes.models import ContentType  # noqa: E402
from django.db import transaction  # noqa: E402

from dcim.models import Site  # noqa: E402
from extras.models import CustomField, CustomFieldChoiceSet, Tag  # noqa: E402
from users.models import ObjectPermission, Token, User  # noqa: E402


# Before NetBox 4.5, a token has no version.
TOKENS_HAVE_VERSIONS = any(field.name == 'version' for field in Token._meta.get_fields())


def give_token(user, token):
    """Gives a user a token of version 1."""
    Token.objects.create(user=user, **({'version': 1, 'token': token} if TOKENS_HAVE_VERSIONS else {'key': token}))


def seed_users(fabric):
    """Creates the administrator and a user who may only view fabrics named limited-…"""
    admin = User.objects.create_superuser('admin')
    give_token(admin, os.environ['NETBOX_TEST_TOKEN'])
    if TOKENS_HAVE_VERSIONS:
        key, secret = os.environ['NETBOX_TEST_TOKEN_V2'].removeprefix('nbt_').split('.')
        Token.objects.create(user=admin, version=2, key=key, token=secret)

    limited = User.objects.create_user('limited')
    give_token(limited, os.environ['NETBOX_TEST_LIMITED_TOKEN'])
    permission = ObjectPermission.objects.create(
        name='limited fabrics', actions=['view'], constraints={'name__startswith': 'limited-'}
    )
    permission.object_types.set([fabric])
    permission.users.set([limited])


def seed_custom_fields(fabric):
    """Creates one custom field of every type on fabrics."""
    tiers = CustomFieldChoiceSet.objects.create(name='tiers', extra_choices=[('gold', 'Gold'), ('silver', 'Silver')])
    colours = CustomFieldChoiceSet.objects.create(
        name='colours', extra_choices=[('red', 'Red'), ('green', 'Green'), ('blue', 'Blue')]
    )
    site = ContentType.objects.get(app_label='dcim', model='site')
    fields = [
        {'name': 'owner', 'type': 'text', 'label': 'Owner'},
        {'name': 'rack_units', 'type': 'integer'},
        {'name': 'tier', 'type': 'select', 'choice_set': tiers},
        {'name': 'notes', 'type': 'longtext'},
        {'name': 'power_draw', 'type': 'decimal'},
        {'name': 'in_service', 'type': 'boolean'},
        {'name': 'installed_on', 'type': 'date'},
        {'name': 'reviewed_at', 'type': 'datetime'},
        {'name': 'runbook', 'type': 'url'},
        {'name': 'facts', 'type': 'json'},
        {'name': 'colours', 'type': 'multiselect', 'choice_set': colours},
        {'name': 'home_site', 'type': 'object', 'related_object_type': site},
        {'name': 'other_sites', 'type': 'multiobject', 'related_object_type': site},
    ]
    for attributes in fields:
        field = CustomField(**attributes)
        field.full_clean()
        field.save()
        field.object_types.set([fabric])


with transaction.atomic():
    fabric_type = ContentType.objects.get(app_label='netbox_hedgehog', model='hedgehogfabric')
    seed_users(fabric_type)
    for name in ('Prod', 'Lab'):
        Tag.objects.create(name=name, slug=name.lower())
    for name in ('Test site', 'Other site'):
        Site.objects.create(name=name, slug=name.lower().replace(' ', '-'))
    seed_custom_fields(fabric_type)
