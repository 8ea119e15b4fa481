variable "oslo_token" {
  type      = string
  sensitive = true
  ephemeral = true
}

resource "hedgehog_fabric" "oslo" {
  name              = "oslo"
  kubernetes_server = "https://oslo.k8s.example.com:6443"

  kubernetes_token_wo         = var.oslo_token
  kubernetes_token_wo_version = 1 # raise it with every new token
}
