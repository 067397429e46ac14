"""What happens at clients and how much room they take: rolled up in the background, so that reading is cheap."""
