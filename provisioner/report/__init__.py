"""Pure renderers: a view turns a result into a document, and writers turn documents into text.

A result has one module: its values, its view, its JSON and its JUnit cases. Larger results have several, with one name:

- the plan and the drift: ``plan_*``, ``drift*``, ``comments`` (their Markdown), and ``outcome`` (of an apply);
- the status: ``status``, ``status_state`` (values and words), ``status_page`` (HTML);
- diagnoses: ``login_diagnosis``, ``chat_diagnosis``, ``diagnosis_parts`` (of both), ``diagnosis_bundle``, ``endpoint``,
  ``key``, ``token``, ``doctor``, ``verify``, ``guests``, ``probe``.

``terminal`` (with ``style``), ``markdown`` and ``html`` write documents; ``visible`` makes text safe for display.
``junit``, ``github``, ``gitlab`` and ``sarif`` write formats of services; ``json`` has the parts of all JSON.

``output_schemas`` has the shape of each command's JSON. ``editor_schema`` makes the schemas of files for editors, with
``field_facts``; ``schemas`` finds a schema by its name, and makes those of outputs.
"""
