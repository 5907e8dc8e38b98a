-- The schema registry's own database; run once by the PostgreSQL image when it makes its data directory.
CREATE DATABASE registry;
