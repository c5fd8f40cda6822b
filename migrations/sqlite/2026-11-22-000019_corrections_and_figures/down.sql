DROP TABLE screen_figures;
DROP TABLE dataset_corrections;
