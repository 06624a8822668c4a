"""Small looks at the world, each giving evidence back as a value and raising nothing that could stop the others."""
