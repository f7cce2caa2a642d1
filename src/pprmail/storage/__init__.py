"""The only room with SQL in it: sessions, migrations, and one module of queries per noun."""
