enum Zarr {}
