CREATE TABLE orders (what varchar(20));
INSERT INTO orders VALUES ('a shop');
