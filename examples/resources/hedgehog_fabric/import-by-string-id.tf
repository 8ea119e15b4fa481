import {
  to = hedgehog_fabric.berlin
  id = "berlin" # or the id in NetBox, such as "7"
}
