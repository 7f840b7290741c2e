"""The service over HTTP: thin routes over the functions of ``service``."""
