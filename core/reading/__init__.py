"""Reading of official documents: one small file for each step; `reading` joins them."""
