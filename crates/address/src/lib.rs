//! Addresses: a line of text into province, city, county, township, village,
//! village group and the rest. Pure: the table of divisions comes in as an
//! argument; without one only the shape of the text is read.
