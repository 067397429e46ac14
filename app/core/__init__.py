"""Ground floor: what every package may use and what knows no feature and no request."""
