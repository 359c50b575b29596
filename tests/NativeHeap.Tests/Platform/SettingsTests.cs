using System;

using NativeHeap.Platform;

using Xunit;

namespace NativeHeap.Tests.Platform;

/// <summary>What is set for the process from outside.</summary>
public sealed class SettingsTests : IDisposable
{
    private const string Name = "TestOfSettings";
    private const string Variable = "NATIVEHEAP_TEST_OF_SETTINGS";
    private const string Switch = "NativeHeap." + Name;

    private enum Fruit
    {
        Apple,
        BlackBerry,
    }

    [Flags]
    private enum Days
    {
        None,
        Sunday,
        Monday,
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(Variable, null);
        AppContext.SetData(Switch, null);
    }

    [Fact]
    public void A_setting_is_the_environments_before_the_applications()
    {
        Assert.Null(Settings.Read(Name));
        AppContext.SetData(Switch, "from the application");
        Assert.Equal("from the application", Settings.Read(Name));
        Environment.SetEnvironmentVariable(Variable, " from the environment ");
        Assert.Equal("from the environment", Settings.Read(Name));
    }

    [Theory]
    [InlineData("1", 1L)]
    [InlineData("4096", 4096L)]
    [InlineData("16k", 16L << 10)]
    [InlineData("512M", 512L << 20)]
    [InlineData("2G", 2L << 30)]
    [InlineData("1T", 1L << 40)]
    public void Bytes_may_have_a_unit(string text, long expected)
    {
        Environment.SetEnvironmentVariable(Variable, text);
        Assert.Equal(expected, Settings.ReadBytes(Name));
    }

    [Theory]
    [InlineData("much")]
    [InlineData("-1")]
    [InlineData("1.5G")]
    [InlineData("G")]
    [InlineData("9223372036854775808")]
    [InlineData("8388608T")]
    public void Bytes_that_are_no_number_are_an_error_that_names_them(string text)
    {
        Environment.SetEnvironmentVariable(Variable, text);
        string message = Assert.Throws<InvalidOperationException>(() => Settings.ReadBytes(Name)).Message;
        Assert.Contains(Variable, message, StringComparison.Ordinal);
        Assert.Contains($"'{text}'", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData(" 250 ", 250)]
    [InlineData("1000", 1000)]
    public void A_number_is_a_whole_one(string text, int expected)
    {
        Assert.Null(Settings.ReadNumber(Name, 1000));
        Environment.SetEnvironmentVariable(Variable, text);
        Assert.Equal(expected, Settings.ReadNumber(Name, 1000));
    }

    [Theory]
    [InlineData("Monday", (int)Days.Monday)]
    [InlineData("sunday,MONDAY", (int)(Days.Sunday | Days.Monday))]
    [InlineData(" Monday , Sunday ", (int)(Days.Sunday | Days.Monday))]
    [InlineData("None", 0)]
    public void Flags_are_names_with_commas_between_them(string text, int expected)
    {
        Assert.Null(Settings.ReadFlags<Days>(Name));
        Environment.SetEnvironmentVariable(Variable, text);
        Assert.Equal((Days)expected, Settings.ReadFlags<Days>(Name));
    }

    [Theory]
    [InlineData("3")]
    [InlineData("Monday,2")]
    [InlineData("Monday Sunday")]
    [InlineData("Monday,")]
    [InlineData("Friday")]
    public void Flags_that_are_no_names_are_an_error_that_names_them(string text)
    {
        Environment.SetEnvironmentVariable(Variable, text);
        string message = Assert.Throws<InvalidOperationException>(() => Settings.ReadFlags<Days>(Name)).Message;
        Assert.Contains($"'{text}'", message, StringComparison.Ordinal);
        Assert.Contains("several of None, Sunday, Monday", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("-1")]
    [InlineData("1001")]
    [InlineData("0.5")]
    [InlineData("99999999999")]
    public void A_number_out_of_its_range_is_an_error_that_names_it(string text)
    {
        Environment.SetEnvironmentVariable(Variable, text);
        string message = Assert.Throws<InvalidOperationException>(() => Settings.ReadNumber(Name, 1000)).Message;
        Assert.Contains(Variable, message, StringComparison.Ordinal);
        Assert.Contains($"'{text}'", message, StringComparison.Ordinal);
        Assert.Contains("from 0 to 1000", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_choice_is_a_name_in_any_case()
    {
        Assert.Null(Settings.ReadChoice<Fruit>(Name));
        Environment.SetEnvironmentVariable(Variable, "blackberry");
        Assert.Equal(Fruit.BlackBerry, Settings.ReadChoice<Fruit>(Name));
    }

    [Theory]
    [InlineData("Pear")]
    [InlineData("1")]
    public void A_choice_that_there_is_not_is_an_error_that_names_those_there_are(string text)
    {
        Environment.SetEnvironmentVariable(Variable, text);
        string message = Assert.Throws<InvalidOperationException>(() => Settings.ReadChoice<Fruit>(Name)).Message;
        Assert.Contains($"'{text}'", message, StringComparison.Ordinal);
        Assert.Contains("Apple, BlackBerry", message, StringComparison.Ordinal);
    }
}
