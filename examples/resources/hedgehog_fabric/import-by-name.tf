import {
  to = hedgehog_fabric.berlin
  id = "berlin"
}
