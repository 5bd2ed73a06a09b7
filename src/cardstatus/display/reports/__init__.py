"""Reports on a database that was mended: files taken out, cards erased, all made anew."""
