"""The values that the contract allows in its status fields."""

FABRIC_STATUS = (
    ('planned', 'Planned'),
    ('active', 'Active'),
    ('maintenance', 'Maintenance'),
    ('decommissioned', 'Decommissioned'),
)

CONNECTION_STATUS = (
    ('unknown', 'Unknown'),
    ('connected', 'Connected'),
    ('disconnected', 'Disconnected'),
    ('error', 'Error'),
)

SYNC_STATUS = (
    ('never_synced', 'Never Synced'),
    ('in_sync', 'In Sync'),
    ('out_of_sync', 'Out of Sync'),
    ('syncing', 'Syncing'),
    ('error', 'Sync Error'),
)

KUBERNETES_STATUS = (
    ('unknown', 'Unknown'),
    ('pending', 'Pending'),
    ('applied', 'Applied'),
    ('live', 'Live'),
    ('error', 'Error'),
    ('deleting', 'Deleting'),
)
