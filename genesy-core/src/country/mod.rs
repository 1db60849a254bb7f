//! Countries as ISO 3166-1 alpha-2 codes, and the lookup that finds one in a cell.
