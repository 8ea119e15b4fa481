# What is left out has the provider's default, which is null here.
variable "fabrics" {
  description = "Fabrics by a key of yours, which is also the name unless name says otherwise."
  type = map(object({
    name                     = optional(string) # changes in place; a change of the key alone needs a moved block
    description              = optional(string)
    status                   = optional(string)
    kubernetes_server        = optional(string)
    kubernetes_namespace     = optional(string)
    kubernetes_ca_cert       = optional(string) # PEM
    kubernetes_token_version = optional(number) # with a token in kubernetes_tokens; raise it to send a new one
    sync_enabled             = optional(bool)
    sync_interval            = optional(number) # seconds
    tags                     = optional(set(string))
    deletion_policy          = optional(string)
  }))
  nullable = false
}

# Apart from the fabrics, because their values have types of their own: in a map of
# objects Terraform would turn all of them into one type.
variable "custom_fields" {
  description = "Custom fields by the fabric's key, each an object of values such as { owner = \"netops\", rack_units = 4 }."
  type        = any
  default     = {}
  nullable    = false
}

variable "kubernetes_tokens" {
  description = "Kubernetes tokens by the fabric's key. They are in no plan and no state, so every plan, apply and destroy needs them."
  type        = map(string)
  default     = {}
  nullable    = false
  sensitive   = true
  ephemeral   = true
}
