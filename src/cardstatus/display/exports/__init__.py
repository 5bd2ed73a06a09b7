"""Records as files of other programs: workbooks and Parquet."""
