"""The routes by what they are about, each over one function of ``service`` or a few."""
