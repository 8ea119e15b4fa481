import {
  to = hedgehog_fabric.berlin
  identity = {
    id = 7 # in NetBox
  }
}
