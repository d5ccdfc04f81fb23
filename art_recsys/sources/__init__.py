"""Where artworks come from: the sample museum, a file, Cleveland, Chicago, Artsy; with HTTP, crawling and pictures."""
