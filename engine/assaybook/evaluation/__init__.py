"""Bundle, subject, evidence, waivers and an instant to findings and standings; pure."""
