import {
  to = hedgehog_fabric.berlin
  id = "7"
}
