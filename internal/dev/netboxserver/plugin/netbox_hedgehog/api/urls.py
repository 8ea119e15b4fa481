from django.urls import path

from netbox.api.routers import NetBoxRouter

from . import views

router = NetBoxRouter()
for endpoint, viewset in views.ENDPOINTS.items():
    router.register(endpoint, viewset)

urlpatterns = [
    path('sync/', views.SyncView.as_view(), name='sync'),
    path('status/', views.StatusView.as_view(), name='status'),
    *router.urls,
]
