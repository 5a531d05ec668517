# Run once, by the Postgres image, when its volume is empty: the services' account and database. It is no superuser.
psql --username postgres --dbname postgres --set ON_ERROR_STOP=1 \
  --set password="$(cat /run/secrets/TRIBUTARY_DATABASE_PASSWORD)" <<'SQL'
create role tributary login password :'password';
create database tributary owner tributary;
SQL
