for _, x in ipairs { 0, 1, -1, 0.1, 1 / 3, 1e14, 1e15, 123456789012345678, 1e100, 5e-324, 1.7976931348623157e308, 2 ^ 31, 2 ^ 53, 0.1 + 0.2, 100, 1e-5, 123.456, 2.5, 3.5, 1e21 } do
  print(x, -x, string.format("%5.2f %e %g %.3g %.10g %.20f", x, x, x, x, x, x), math.floor(x), x % 7, math.frexp(x))
end
for _, s in ipairs { "10", " 10 ", "0x10", "1e5", ".5", "5.", "0x", "1e", "", " ", "1 1", "abc", "0x1p4", "inf", "-0x8", "1e400", "+5", "--5", "1_0" } do print(s, tonumber(s)) end
print(7 % 3, -7 % 3, 7 % -3, -7 % -3, 5.5 % 2, 2 ^ 10, 2 ^ -1, 10 / 4, 1 / 3 * 3 == 1, 0.1 + 0.2 == 0.3)
print(string.format("%5d|%-5d|%05d|%+d|%x|%X|%#x|%o|%c|%u", 42, 42, 42, 42, 255, 255, 255, 8, 65, 7), string.format("%10.4s|%-10s|%s", "abcdef", "hi", 12))
print(string.format("%.0f %.0f %.0f %.0f %.1f %.2f", 0.5, 1.5, 2.5, 3.5, 0.25, 0.125), string.format("%g %g %g", 1e15, 1e16, 123456789))
