"""Errors whose words a person reads, who may read another language."""


class TranslatableError(Exception):
    """A sentence for a person, with what fills its placeholders kept apart."""

    def __init__(self, template: str, **values: object) -> None:
        super().__init__(template.format(**values))
        self.template = template
        self.values = {name: str(value) for name, value in values.items()}


def marked(words: str) -> str:
    """Words that the page translates where it shows them."""
    return words
