ephemeral "hedgehog_fabric_credentials" "berlin" {
  name = "berlin"
}

provider "kubernetes" {
  host                   = ephemeral.hedgehog_fabric_credentials.berlin.host
  token                  = ephemeral.hedgehog_fabric_credentials.berlin.token
  cluster_ca_certificate = ephemeral.hedgehog_fabric_credentials.berlin.cluster_ca_certificate
}
