mod series;
