"""What stands in single cells: card ids, times, mobiles."""
