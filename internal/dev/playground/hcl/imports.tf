# The fabrics were in NetBox before Terraform. The first apply imports them. After that you
# can delete this file.

import {
  to = hedgehog_fabric.athens
  id = "athens"
}

import {
  to = hedgehog_fabric.berlin
  id = "berlin"
}

import {
  to = hedgehog_fabric.cairo
  id = "cairo"
}

import {
  to = hedgehog_fabric.dublin
  id = "dublin"
}

import {
  to = hedgehog_fabric.lisbon
  id = "lisbon"
}

import {
  to = hedgehog_fabric.madrid
  id = "madrid"
}

import {
  to = hedgehog_fabric.oslo
  id = "oslo"
}

import {
  to = hedgehog_fabric.quito
  id = "quito"
}
