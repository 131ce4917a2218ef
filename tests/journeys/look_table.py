"""What the look of the program promises, and the tests that prove it: `path::test`, by name.

A promise without a proof says in a sentence what is missing.
"""

_J, _U, _H, _C = "tests/journeys", "tests/ui", "tests/hanging", "tests/case"
_KEY = f"{_J}/test_commands.py::test_a_key_does_what_its_command_says"
_AROUND = f"{_J}/test_commands.py::test_a_key_does_what_its_command_of_the_window_says"
_LOOK = f"{_J}/test_look.py"

PROVED: dict[str, tuple[str, ...]] = {
    "tiles take 85 % of the window": (
        f"{_LOOK}::test_tiles_take_their_share_and_nothing_moves_at_rest",
        f"{_U}/test_side_panel.py::test_the_tiles_take_their_share_of_the_window_while_the_panel_is_closed",
    ),
    "banner: name, ID, birth date, sex, study, date": (
        f"{_U}/test_banner.py::test_it_says_who_and_what",
        f"{_U}/test_banner.py::test_name_and_id_are_never_cut",
        f"{_LOOK}::test_the_banner_says_whose_study_it_is",
    ),
    "PRIOR in its own colour, with its date": (
        f"{_U}/test_banner.py::test_a_prior_wears_its_date_and_age_while_its_tile_is_active",
        f"{_U}/test_theme.py::test_kinds_differ_in_shape_and_word_and_the_font_has_the_shapes",
    ),
    "strip: thumbnails, n of m, coverage bar, collapsible": (
        f"{_U}/test_window.py::test_thumbnails_come_without_words_and_count_the_images",
        f"{_U}/test_coverage_bar.py::test_seen_images_are_a_band_and_the_others_a_thin_line",
        _AROUND,
    ),
    "one panel at the right, collapsible": (
        f"{_U}/test_side_panel.py::test_it_is_closed_until_asked_for_and_says_all_sections",
        f"{_J}/test_surroundings.py::test_the_explanation_opens_beside_the_images_and_esc_leaves_it_first",
    ),
    "status line: what is under way, memory, stop": (
        f"{_U}/test_status_line.py::test_a_job_is_shown_with_count_time_left_and_stop_once_it_has_lasted",
        f"{_J}/test_commands.py::test_a_folder_is_chosen_imported_and_stopped",
    ),
    "text 4.5:1 at least, never pure white, one accent": (
        f"{_U}/test_theme.py::test_each_text_can_be_read_on_each_ground",
        f"{_U}/test_theme.py::test_the_style_sheet_takes_every_colour_from_the_table",
    ),
    "kinds differ in shape or word too": (
        f"{_U}/test_theme.py::test_kinds_differ_in_shape_and_word_and_the_font_has_the_shapes",
    ),
    "each control has a tooltip with its key": (
        f"{_U}/test_window.py::test_each_button_says_what_it_does",
        f"{_U}/test_study_list.py::test_the_menu_says_keys_and_why_not",
    ),
    "nothing blinks, nothing moves on its own": (
        f"{_LOOK}::test_tiles_take_their_share_and_nothing_moves_at_rest",
        f"{_U}/test_status_line.py::test_nothing_in_the_line_moves_when_a_job_comes_and_goes",
    ),
    "window level never touches the chrome": (f"{_LOOK}::test_a_window_changes_no_pixel_of_the_chrome",),
    "next stage, series, study, unread: one key each": (
        _KEY,
        f"{_J}/test_commands.py::test_the_list_is_walked_from_the_open_study",
    ),
    "every command is in the palette and in the help": (
        f"{_LOOK}::test_the_palette_holds_every_command_and_says_why_one_cannot_run",
        f"{_U}/test_window.py::test_the_help_page_lists_exactly_the_keys_there_are",
    ),
    "right press: menu without movement, zoom with": (
        f"{_U}/test_hand.py::test_the_right_button_without_movement_wants_the_menu_and_with_it_zooms",
        f"{_J}/test_window.py::test_right_drag_upwards_comes_closer_about_the_pressed_place",
        f"{_LOOK}::test_a_right_press_opens_what_fits_and_no_dialog",
    ),
    "a tool makes one mark and returns to windowing": (
        f"{_J}/test_marks.py::test_a_tool_makes_one_mark_and_returns_to_windowing",
        f"{_J}/test_marks.py::test_a_key_pressed_twice_locks_the_tool_until_esc",
    ),
    "number keys are window presets": (f"{_J}/test_window.py::test_number_keys_are_windows", _AROUND),
    "corner text by modality, from a described resource": (
        "tests/picture/test_corners.py::test_the_shipped_layouts_pass_their_own_check",
    ),
    "orientation letters at the edges": (
        "tests/picture/test_letters.py::test_letters_follow_turns_and_mirroring",
        "tests/safety/test_rule_04.py::test_letters_are_never_kept_from_an_earlier_paint",
    ),
    "the fidelity line says what is not exact": (
        "tests/picture/test_chain.py::test_loss_a_colour_profile_and_what_cannot_be_shown_are_said",
    ),
    "PET dark on light": ("tests/picture/test_chain.py::test_pet_is_dark_on_light_and_turns_with_the_reader",),
    "no dialog in the reading page": (f"{_LOOK}::test_a_right_press_opens_what_fits_and_no_dialog", _KEY, _AROUND),
    "what cannot be done says why": (
        f"{_LOOK}::test_the_palette_holds_every_command_and_says_why_one_cannot_run",
        f"{_C}/test_commands.py::test_a_lonely_image_says_why_not",
    ),
    "errors are sentences in place": (f"{_U}/test_crash_page.py::test_the_report_says_where_and_names_no_patient",),
    "wheel and key steps are each painted": (
        f"{_J}/test_window.py::test_each_notch_is_an_image_on_the_screen",
        f"{_J}/test_window.py::test_ten_quick_notches_are_ten_images_in_order",
        "tests/safety/test_rule_11.py::test_each_step_is_painted_and_seen",
    ),
    "jumped images do not count as seen": (
        "tests/safety/test_rule_11.py::test_what_a_drag_jumped_over_is_not_seen",
        f"{_J}/test_surroundings.py::test_steps_count_as_seen_and_what_a_drag_jumped_over_does_not",
    ),
    "sizes follow the density of the screen": (
        f"{_J}/test_window_snapshot.py::test_the_screen_is_the_snapshot_pixel_for_pixel",
        f"{_U}/test_second_window.py::test_the_active_tile_moves_to_the_other_screen_in_its_own_pixel_ratio",
        f"{_U}/test_second_window.py::test_moved_to_the_first_screen_it_is_made_anew_for_its_ratio",
    ),
    "first sight 1: the worklist": (
        f"{_U}/test_study_list.py::test_rows_stand_with_the_newest_first_and_know_their_priors",
        f"{_J}/test_worklist.py::test_a_morning_at_the_worklist",
    ),
    "first sight 2 and 3: current and dated prior": (
        "tests/cli/test_hang.py::test_a_prior_is_loaded_and_wears_its_date",
    ),
    "first sight 4: wheel and drag": (f"{_J}/test_window.py::test_shift_drag_scrolls",),
    "first sight 5: credible anatomy": ("tests/oracles/test_demo.py::test_priors_are_dated_and_older",),
    "first sight 6: number keys": (f"{_J}/test_window.py::test_number_keys_are_windows",),
    "first sight 7: a click moves all planes, both scroll aligned": (
        f"{_J}/test_window.py::test_a_click_in_a_plane_moves_the_crosshair_and_the_other_planes",
        f"{_H}/test_together.py::test_the_trunk_scrolls_with_its_prior_by_as_many_mm",
    ),
    "first sight 10: arterial to portal in one tile, one key": (
        f"{_H}/test_together.py::test_phases_of_the_liver_do_all_together",
        f"{_C}/test_cycle.py::test_each_series_keeps_its_own_window_in_its_tile",
    ),
    "first sight 11: mammograms back to back, air black, quadrants": (
        f"{_H}/test_mammography.py::test_chest_walls_touch",
        f"{_H}/test_mammography.py::test_air_is_black_in_both_polarities_and_when_inverted",
        f"{_H}/test_mammography.py::test_the_walk_shows_every_pixel_exactly_once",
    ),
    "text turns dark on an inverted PET": (
        "tests/paint/test_ground.py::test_words_and_letters_can_be_read",
        "tests/paint/test_ground.py::test_a_dark_picture_stays_as_it_is_beside_its_words",
    ),
    "chips lie away from the middle of the image": ("tests/paint/test_ground.py::test_chips_lie_away_from_the_middle",),
    "status line: connection and self-check": (
        f"{_U}/test_health.py::test_nothing_is_set_up_in_an_empty_home_and_the_check_is_made",
        f"{_U}/test_health.py::test_an_archive_that_is_not_there_is_said_with_the_reason",
        "tests/picture/test_selfcheck.py::test_a_single_wrong_grey_is_found",
        _AROUND,
    ),
    "bigger type for boards, audience view without a name": (
        f"{_U}/test_audience.py::test_nothing_says_who_it_is",
        f"{_U}/test_audience.py::test_the_image_is_the_same_and_the_type_larger",
        "tests/paint/test_ground.py::test_larger_type_is_larger",
        _AROUND,
    ),
    "four portrait monitors": (
        f"{_U}/test_four_screens.py::test_a_window_hangs_for_the_screens_it_lies_on",
        f"{_U}/test_four_screens.py::test_on_one_upright_screen_tiles_lie_below_each_other",
        f"{_U}/test_four_screens.py::test_the_second_window_fills_another_screen_and_places_are_kept",
    ),
}

MISSING: dict[str, str] = {}
