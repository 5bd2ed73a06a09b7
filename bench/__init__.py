"""The benchmark: `python -m bench --help`. Not part of the program, which it sees from outside."""
