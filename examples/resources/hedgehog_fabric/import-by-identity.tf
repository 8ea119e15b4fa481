import {
  to = hedgehog_fabric.berlin
  identity = {
    id = 7
  }
}
