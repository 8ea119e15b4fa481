# An attribute that you leave out is null, and the fabric gets the provider's default.
variable "fabrics" {
  description = "The fabrics, by keys that you choose. A key is also the fabric's name unless you set name."
  type = map(object({
    name                     = optional(string) # changes in place; to change the key, add a moved block
    description              = optional(string)
    status                   = optional(string)
    kubernetes_server        = optional(string)
    kubernetes_namespace     = optional(string)
    kubernetes_ca_cert       = optional(string) # PEM
    kubernetes_token_version = optional(number) # for a token in kubernetes_tokens; raise it to send a new one
    sync_enabled             = optional(bool)
    sync_interval            = optional(number) # seconds
    tags                     = optional(set(string))
    deletion_policy          = optional(string)
  }))
  nullable = false
}

# A separate variable, because the values have different types. In a map of objects,
# Terraform would convert all of them to one type.
variable "custom_fields" {
  description = "Custom fields, by the fabric's key: objects such as { owner = \"netops\", rack_units = 4 }."
  type        = any
  default     = {}
  nullable    = false
}

variable "kubernetes_tokens" {
  description = "Kubernetes tokens, by the fabric's key. They are never stored in a plan or in the state, so every plan, apply and destroy needs them."
  type        = map(string)
  default     = {}
  nullable    = false
  sensitive   = true
  ephemeral   = true
}
