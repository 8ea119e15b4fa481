"""A stand-in for the netbox_hedgehog plugin: the same REST contract, for tests.

The setting `display_url` chooses between the contract as published (rendering
`display_url` of a fabric fails) and the patched form (the field is absent).

The setting `object_filter` chooses how the lists of the twelve kinds are filtered
by fabric: `none` as published, `fields` as one line in the view set does it, or
`filterset` as NetBox's own models do it.
"""

from netbox.plugins import PluginConfig


class HedgehogConfig(PluginConfig):
    name = 'netbox_hedgehog'
    verbose_name = 'Hedgehog (test fixture)'
    description = 'The REST contract of netbox_hedgehog, for acceptance tests'
    version = '0.2.0'
    base_url = 'hedgehog'
    default_settings = {'display_url': 'published', 'object_filter': 'none'}


config = HedgehogConfig
