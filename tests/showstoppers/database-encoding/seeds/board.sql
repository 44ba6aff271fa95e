CREATE TABLE notices (id serial PRIMARY KEY, title varchar(40) NOT NULL);
INSERT INTO notices (title) VALUES ('Führung'), ('Sommerfest');
